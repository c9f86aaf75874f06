package org.pagedattention.plugin;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once why jobs wait for executors, where Spark says again and again that they do. */
final class StarvationWatch extends Thread {
    private static final Logger LOG = LoggerFactory.getLogger(StarvationWatch.class);
    private static final long SECOND = 1000;

    private final Map<String, String> settings;
    private final JobWatch jobs;
    private final StartProblems problems;
    private final long patience;

    /**
     * @param settings all settings of the application
     * @param problems takes the sentence
     */
    StarvationWatch(SparkConf spark, Map<String, String> settings, JobWatch jobs, StartProblems problems) {
        super("paged-attention-starvation");
        setDaemon(true);
        this.settings = settings;
        this.jobs = jobs;
        this.problems = problems;
        // Spark's own patience, twice
        patience = 2 * spark.getTimeAsSeconds("spark.starvation.timeout", "15s");
    }

    @Override
    public void run() {
        try {
            for (long starved = 0; starved < patience; starved = jobs.starves() ? starved + 1 : 0) {
                sleep(SECOND);
            }
            String master = settings.getOrDefault("spark.master", "");
            String sentence = Starvation.sentence(settings, patience, StandaloneMaster.workers(master));
            LOG.warn("{}", sentence);
            problems.add(sentence);
        } catch (InterruptedException e) {
            LOG.debug("the application ends", e);
        }
    }
}
