package org.pagedattention.direct;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's commit protocol around files that Spark does not write: what failed or was speculative leaves nothing, and the
 * output appears as a whole or not at all. It gets no {@code _SUCCESS}: a driver that dies before the rows are counted
 * must not leave a table that looks checked.
 */
final class OutputCommit implements Serializable {
    private static final long serialVersionUID = 1;

    /** With it a committer marks the table as whole, which is for those to say who have counted its rows. */
    private static final String WITH_MARKER = "mapreduce.fileoutputcommitter.marksuccessfuljobs";

    private final FileCommitProtocol protocol;
    /** Broadcast, because each reading of it takes milliseconds. */
    private final Broadcast<SerializableConfiguration> hadoop;

    private final String suffix;
    private final String path;

    private OutputCommit(
            FileCommitProtocol protocol, Broadcast<SerializableConfiguration> hadoop, String suffix, String path) {
        this.protocol = protocol;
        this.hadoop = hadoop;
        this.suffix = suffix;
        this.path = path;
    }

    /**
     * The commit of a table at {@code path}.
     *
     * @param suffix of the file names, such as {@code .snappy.parquet}
     */
    static OutputCommit of(SparkSession spark, String path, String suffix) throws IOException {
        Job job = Job.getInstance(spark.sessionState().newHadoopConf());
        Path folder = new Path(path);
        Path qualified = folder.getFileSystem(job.getConfiguration()).makeQualified(folder);
        FileOutputFormat.setOutputPath(job, qualified);
        job.setOutputFormatClass(ParquetOutputFormat.class);
        if (job.getConfiguration().get(ParquetOutputFormat.JOB_SUMMARY_LEVEL) == null) {
            job.getConfiguration().set(ParquetOutputFormat.JOB_SUMMARY_LEVEL, "NONE");
        }
        job.getConfiguration().setBoolean(WITH_MARKER, false);
        String id = UUID.randomUUID().toString();
        // by it the committers of S3A know that tasks belong to the job
        job.getConfiguration().set("spark.sql.sources.writeJobUUID", id);
        FileCommitProtocol protocol = FileCommitProtocol.instantiate(
                spark.sessionState().conf().fileCommitProtocolClass(), id, qualified.toString(), false);
        Broadcast<SerializableConfiguration> hadoop = JavaSparkContext.fromSparkContext(spark.sparkContext())
                .broadcast(new SerializableConfiguration(job.getConfiguration()));
        return new OutputCommit(protocol, hadoop, suffix, qualified.toString());
    }

    /** Hadoop's settings; not to be changed. */
    Configuration hadoop() {
        return hadoop.value().value();
    }

    /** Where the table goes. */
    Path folder() {
        return new Path(path);
    }

    /** Prepares the output; what is there already goes away when {@code overwrite} says so. */
    void setupJob(boolean overwrite) throws IOException {
        Job job = Job.getInstance(hadoop());
        Path folder = folder();
        if (overwrite && folder.getFileSystem(hadoop()).exists(folder)) {
            protocol.deleteWithJob(folder.getFileSystem(hadoop()), folder, true);
        }
        protocol.setupJob(job);
    }

    void commitJob(List<TaskCommitMessage> messages) throws IOException {
        messages.forEach(protocol::onTaskCommit);
        protocol.commitJob(
                Job.getInstance(hadoop()),
                CollectionConverters.asScala(messages).toSeq());
    }

    void abortJob() throws IOException {
        protocol.abortJob(Job.getInstance(hadoop()));
    }

    /** Begins the calling task's part. */
    TaskCommit setupTask(TaskContext task) {
        TaskCommit part = new TaskCommit(context(task));
        protocol.setupTask(part.context);
        return part;
    }

    private TaskAttemptContext context(TaskContext task) {
        JobID job = new JobID("direct", task.stageId());
        TaskID id = new TaskID(job, TaskType.MAP, task.partitionId());
        TaskAttemptID attempt = new TaskAttemptID(id, (int) (task.taskAttemptId() & Integer.MAX_VALUE));
        JobConf own = new JobConf(hadoop());
        own.set("mapreduce.job.id", job.toString());
        own.set("mapreduce.task.id", id.toString());
        own.set("mapreduce.task.attempt.id", attempt.toString());
        own.setBoolean("mapreduce.task.ismap", true);
        own.setInt("mapreduce.task.partition", 0);
        return new TaskAttemptContextImpl(own, attempt);
    }

    /** One task attempt's part of the output. */
    final class TaskCommit {
        private final TaskAttemptContext context;

        private TaskCommit(TaskAttemptContext context) {
            this.context = context;
        }

        /** A file of this attempt, in the place where the protocol wants it until the commit. */
        Path newFile() {
            return new Path(protocol.newTaskTempFile(context, Option.empty(), new FileNameSpec("", "-c000" + suffix)));
        }

        TaskCommitMessage commit() {
            return protocol.commitTask(context);
        }

        void abort() {
            protocol.abortTask(context);
        }
    }
}
