ALTER TABLE ab.toy ADD COLUMN `rate` DOUBLE COMMENT '100%% of ''all'''
