INSERT INTO `ab`.`toy` WITH LABEL ab_toy_0123456789abcdef (tag) SELECT %(tag)s
-- tag = 'x'
