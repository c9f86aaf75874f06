package org.pagedattention.sql;

import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.conf.SqlConf;
import org.pagedattention.inference.LikelihoodOptions;
import org.pagedattention.likelihood.LikelihoodMode;
import org.pagedattention.request.LikelihoodColumns;
import org.pagedattention.request.LikelihoodRequest;
import org.pagedattention.request.TextRequest;
import org.pagedattention.scoring.SessionSettings;
import org.pagedattention.scoring.WorkloadPlan;
import org.pagedattention.scoring.models.LogLikelihood;
import org.pagedattention.scoring.models.TextClassifier;
import org.pagedattention.scoring.models.TextEmbedder;

/** A function of SQL, and the scorer that computes it. */
enum ModelFunction {
    EMBED("embed", 1, "embed(text[, options]) - Returns the vector of a text, ARRAY<FLOAT>.", "embedding") {
        @Override
        WorkloadPlan plan(CallOptions options, List<String> texts, StructType input, PagedAttentionConf conf) {
            TextEmbedder embedder = new TextEmbedder(request(options, texts, conf), options.embedding());
            var unused = embedder.description();
            return embedder.plan(input);
        }

        @Override
        Default fallback(SqlConf conf) {
            return new Default("embed", conf.embed());
        }
    },
    CLASSIFY(
            "classify",
            2,
            "classify(text[, pair][, options]) - Returns label, score and logits of a text or a pair of texts.",
            "") {
        @Override
        WorkloadPlan plan(CallOptions options, List<String> texts, StructType input, PagedAttentionConf conf) {
            TextClassifier classifier = new TextClassifier(request(options, texts, conf));
            var unused = classifier.description();
            return classifier.plan(input);
        }

        @Override
        Default fallback(SqlConf conf) {
            return new Default("classify", conf.classify());
        }
    },
    LOG_LIKELIHOOD(
            "log_likelihood",
            2,
            "log_likelihood([context, ]text[, options]) - Returns the log-likelihood of a text, or behind a context, in"
                    + " nats.",
            "log_likelihood") {
        @Override
        WorkloadPlan plan(CallOptions options, List<String> texts, StructType input, PagedAttentionConf conf) {
            LikelihoodRequest request = LikelihoodRequest.of(
                            options.model(),
                            texts.size() == 1
                                    ? LikelihoodColumns.text(texts.get(0))
                                    : LikelihoodColumns.continuation(texts.get(0), texts.get(1)))
                    .withMaxTokens(options.maxTokens())
                    .withOnLong(options.onLong())
                    .withConf(conf);
            LogLikelihood likelihood = new LogLikelihood(
                    options.rolling() ? request.withMode(LikelihoodMode.ROLLING) : request,
                    LikelihoodOptions.defaults());
            var unused = likelihood.description();
            return likelihood.plan(input);
        }

        @Override
        Default fallback(SqlConf conf) {
            return new Default("logLikelihood", conf.logLikelihood());
        }
    };

    private static final DataType FLOATS = DataTypes.createArrayType(DataTypes.FloatType, false);
    private static final StructType CLASSIFICATION = new StructType()
            .add("label", DataTypes.StringType)
            .add("score", DataTypes.FloatType)
            .add("logits", FLOATS);

    private final String sqlName;
    private final int mostTexts;
    private final String usage;
    private final String result;

    /**
     * The session's model for a function.
     *
     * @param name of its settings
     * @param model its folder; empty for none
     */
    record Default(String name, String model) {
        String key() {
            return PagedAttentionConf.PREFIX + "sql." + name + ".model";
        }
    }

    ModelFunction(String sqlName, int mostTexts, String usage, String result) {
        this.sqlName = sqlName;
        this.mostTexts = mostTexts;
        this.usage = usage;
        this.result = result;
    }

    String sqlName() {
        return sqlName;
    }

    int mostTexts() {
        return mostTexts;
    }

    String usage() {
        return usage;
    }

    /** The scorer's columns that the result is made of: one, or the fields of a struct. */
    List<String> results() {
        return type() instanceof StructType struct ? List.of(struct.fieldNames()) : List.of(result);
    }

    DataType type() {
        return switch (this) {
            case EMBED -> FLOATS;
            case CLASSIFY -> CLASSIFICATION;
            case LOG_LIKELIHOOD -> DataTypes.DoubleType;
        };
    }

    /** Names of the options that it takes. */
    List<String> options() {
        return switch (this) {
            case EMBED ->
                List.of(
                        CallOptions.MODEL,
                        CallOptions.MAX_TOKENS,
                        CallOptions.ON_LONG,
                        CallOptions.PROMPT,
                        CallOptions.PROMPT_TEXT,
                        CallOptions.POOL,
                        CallOptions.NORMALIZE);
            case CLASSIFY -> List.of(CallOptions.MODEL, CallOptions.MAX_TOKENS, CallOptions.ON_LONG);
            case LOG_LIKELIHOOD ->
                List.of(CallOptions.MODEL, CallOptions.MAX_TOKENS, CallOptions.ON_LONG, CallOptions.ROLLING);
        };
    }

    /** The active session's model. */
    Default fallback() {
        return fallback(SessionSettings.of(SparkSession.active()).sql());
    }

    abstract Default fallback(SqlConf conf);

    /**
     * What is done to rows with the columns of {@code input}; the model is looked at.
     *
     * @param texts names of the columns of the call's texts
     * @throws IllegalArgumentException when something in the model's folder is not understood
     */
    abstract WorkloadPlan plan(CallOptions options, List<String> texts, StructType input, PagedAttentionConf conf);

    private static TextRequest request(CallOptions options, List<String> texts, PagedAttentionConf conf) {
        TextRequest request = texts.size() == 1
                ? TextRequest.text(options.model(), texts.get(0))
                : TextRequest.pairs(options.model(), texts.get(0), texts.get(1));
        return request.withMaxTokens(options.maxTokens())
                .withOnLong(options.onLong())
                .withConf(conf);
    }
}
