-- Reads:  ab.growthbook_payloads
-- Writes: nothing
-- Grain:  answer of GrowthBook about one experiment: those of one pull
SELECT payload_hash, payload
FROM ab.growthbook_payloads
WHERE payload_hash IN ({% for index in hashes %}:payload_hash_{{ index }}{% if not loop.last %}, {% endif %}{% endfor %})
