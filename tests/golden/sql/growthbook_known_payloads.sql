-- Reads:  ab.growthbook_payloads
-- Writes: nothing
-- Grain:  answer of GrowthBook about one experiment, without its text
SELECT payload_hash
FROM ab.growthbook_payloads
