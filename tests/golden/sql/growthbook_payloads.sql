-- Reads:  ab.growthbook_payloads
-- Writes: nothing
-- Grain:  answer of GrowthBook about one experiment: those of one pull
SELECT payload_hash, payload
FROM ab.growthbook_payloads
WHERE payload_hash IN (:payload_hash_0, :payload_hash_1)
