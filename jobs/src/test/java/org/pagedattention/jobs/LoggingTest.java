package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.pagedattention.executor.ExecutorBackends;

/** What conf/log4j2.properties lets through. */
class LoggingTest {

    /** Stands beside the console, which all configurations of a JVM share. */
    private static final class Listener extends AbstractAppender {
        private final List<String> heard = new ArrayList<>();

        Listener() {
            super("listener", null, null, false, Property.EMPTY_ARRAY);
            start();
        }

        @Override
        public void append(LogEvent event) {
            heard.add(event.getMessage().getFormattedMessage());
        }
    }

    @Test
    void whatAJobSaysItselfIsNotToldTwice() {
        Listener listener = new Listener();
        try (LoggerContext context = new LoggerContext("conf")) {
            context.setConfigLocation(Path.of("..", "conf", "log4j2.properties").toUri());
            context.getConfiguration().getRootLogger().addAppender(listener, null, null);
            context.getLogger("org.apache.spark.util.Utils").error("Aborting task", new Exception("a long story"));
            context.getLogger("org.apache.spark.executor.Executor").error("Exception in task 0.0");
            context.getLogger("org.apache.spark.scheduler.TaskSetManager")
                    .error("Task 1 in stage 1.0 failed 1 times; aborting job");
            context.getLogger(ExecutorBackends.class).warn("attention runs on the cpu backend");
            context.getLogger("org.apache.spark.util.Utils")
                    .warn("Suppressing exception in catch: Task failed", new Exception("a long story"));
            context.getLogger("org.apache.spark.scheduler.TaskSchedulerImpl")
                    .error("Exception in statusUpdate", new Exception("a long story"));
            context.getLogger("org.apache.spark.SparkContext")
                    .error("Error initializing SparkContext.", new Exception("a long story"));
            context.getLogger("org.apache.hadoop.fs.FileSystem").warn("Failed to initialize filesystem hdfs://x/y");
            context.getLogger("org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter")
                    .error("Mkdirs failed to create file:/proc/x");
            context.getLogger("org.apache.spark.scheduler.TaskSchedulerImpl").error("Lost executor 1 on HOST");
            context.getLogger("org.apache.spark.util.Utils").error("Uncaught exception in thread main");
            context.getLogger("org.apache.spark.util.Utils").info("of no interest");
        }
        assertThat(listener.heard).containsExactly("Lost executor 1 on HOST", "Uncaught exception in thread main");
    }
}
