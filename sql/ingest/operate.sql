-- What to do with the jobs once they run: one statement at a time, by hand. Explained in docs/ingest.md.

-- State, progress, lag and the reason of a pause; ALL shows stopped jobs, too.
SHOW ALL ROUTINE LOAD FROM ab_source;
SHOW ROUTINE LOAD FOR ab_source.exposures_from_kafka;
SHOW ROUTINE LOAD TASK FROM ab_source WHERE JobName = "exposures_from_kafka";

-- Before the table is altered or the topic is moved; nothing is lost, the offsets stay.
PAUSE ROUTINE LOAD FOR ab_source.exposures_from_kafka;
RESUME ROUTINE LOAD FOR ab_source.exposures_from_kafka;

-- While it is paused: past messages that cannot be read, from partition 0's offset 12346 on.
ALTER ROUTINE LOAD FOR ab_source.exposures_from_kafka
FROM KAFKA ("kafka_partitions" = "0", "kafka_offsets" = "12346");

-- For ever: a stopped job cannot be resumed, a new one starts from its own offsets.
STOP ROUTINE LOAD FOR ab_source.exposures_from_kafka;
