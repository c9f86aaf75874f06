package org.pagedattention.jobs.explain;

import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.scoring.WorkloadPlan;
import org.pagedattention.scoring.models.ModelFacts;
import org.pagedattention.scoring.models.RowSample;

/**
 * A job that is explained.
 *
 * @param rows what rows are called
 * @param input where they are, in words
 * @param sample some of them
 * @param total how many there are, where that is known without reading them
 * @param output what would be written, in words
 * @param plan the work
 * @param conf all settings, with bad rows kept
 * @param backend what computes, and why; null where it cannot work here
 * @param trouble why it cannot; empty where it can
 * @param alone whether rows of the table are all that the work needs
 * @param model what is known of the model; null for work without one
 * @param measure what rows come to before they are computed; null where only computing them tells
 */
public record Explained(
        String rows,
        String input,
        Sample sample,
        OptionalLong total,
        String output,
        WorkloadPlan plan,
        PagedAttentionConf conf,
        @Nullable String backend,
        String trouble,
        boolean alone,
        @Nullable ModelFacts model,
        @Nullable Function<Dataset<Row>, RowSample> measure) {}
