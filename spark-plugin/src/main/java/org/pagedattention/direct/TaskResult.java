package org.pagedattention.direct;

import java.io.Serializable;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;

/**
 * What a task did.
 *
 * @param commit for the driver's commit
 * @param tally what was scored
 * @param inputBytes read
 * @param outputBytes written
 */
record TaskResult(TaskCommitMessage commit, Tally tally, StageTimes times, long inputBytes, long outputBytes)
        implements Serializable {}
