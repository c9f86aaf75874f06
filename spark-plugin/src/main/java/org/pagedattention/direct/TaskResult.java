package org.pagedattention.direct;

import java.io.Serializable;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.pagedattention.executor.StageTimes;
import org.pagedattention.executor.Tally;
import org.pagedattention.executor.WorkProfile;

/**
 * What a task did.
 *
 * @param commit for the driver's commit
 * @param tally what was scored
 * @param profile how it went
 * @param inputBytes read
 * @param outputBytes written
 */
record TaskResult(
        TaskCommitMessage commit, Tally tally, StageTimes times, WorkProfile profile, long inputBytes, long outputBytes)
        implements Serializable {}
