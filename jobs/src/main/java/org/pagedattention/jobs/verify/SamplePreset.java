package org.pagedattention.jobs.verify;

import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.JobSession;
import org.pagedattention.jobs.generate.GenerateCommand;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.options.BackendOptions;
import org.pagedattention.jobs.run.Work;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.SequenceScorer;
import org.pagedattention.tensor.ElementType;

/** The problem of cuDNN's paged attention sample, through the whole of the library. */
final class SamplePreset {
    private static final int SEQUENCES = 4;
    private static final int TOKENS = 1024;
    private static final AttentionSpec SPEC =
            new AttentionSpec(12, 12, 64, 64, ElementType.FP16, Mask.causal(), AttentionSpec.defaultScale(64));

    private SamplePreset() {}

    static Verdict run(JobSession session, BackendOptions backend, Console console) {
        SparkSession spark = session.spark();
        PagedAttentionConf conf = PagedAttentionConf.parse(session.conf(backend.settings()));
        ScoringOptions options = ScoringOptions.builder(SPEC)
                .emit(EnumSet.of(Emit.O, Emit.LSE))
                .conf(conf)
                .build();
        String chosen = Work.ATTENTION.backend(conf, spark);
        console.out()
                .println("sample: 4 sequences of 1024 tokens, 12 heads of 64, fp16, causal, page size "
                        + conf.page().size() + ", " + conf.page().layout());
        SequenceGenerator generator =
                new SequenceGenerator(SPEC, new Lengths.Fixed(TOKENS), null, SequenceGenerator.Encoding.BINARY, 1);
        LongAccumulator generated = spark.sparkContext().longAccumulator("sequences");
        // one partition, so that all sequences share one batch
        Dataset<Row> input = GenerateCommand.dataset(spark, generator, SEQUENCES, 1, generated)
                .persist(StorageLevel.MEMORY_AND_DISK());
        Dataset<Row> scored = new SequenceScorer(options).score(input).persist(StorageLevel.MEMORY_AND_DISK());
        LongAccumulator done = spark.sparkContext().longAccumulator("sequences verified");
        Verdict verdict = new Verifier(new RowCheck(options, null, false), List.of("id"), 0, UnaryOperator.identity())
                .verify(input, scored, done);
        console.out().println("backend: " + chosen);
        return verdict;
    }
}
