package org.pagedattention.request;

import java.io.Serializable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.likelihood.LikelihoodMode;

/**
 * What a job that computes log-likelihoods needs to know besides its data.
 *
 * @param model folder of the model, anywhere that Hadoop reaches
 * @param columns where the texts are
 * @param mode what of them is scored
 * @param maxTokens most tokens that the model is fed; 0 for as many as it takes
 * @param onLong what becomes of rows with more, which only lose what is not scored where they are continuations
 * @param tokenLogProbs whether the log-probability of each token is wanted too
 * @param conf backend, batch settings and what becomes of bad rows
 */
public record LikelihoodRequest(
        String model,
        LikelihoodColumns columns,
        LikelihoodMode mode,
        int maxTokens,
        TextRequest.OnLong onLong,
        boolean tokenLogProbs,
        PagedAttentionConf conf)
        implements Serializable {

    public LikelihoodRequest {
        if ((mode == LikelihoodMode.CONTINUATION) != (columns.context() != null)) {
            throw new IllegalArgumentException(
                    columns.context() == null
                            ? "continuations stand behind contexts, and no column is named that holds these: name it, or"
                                    + " score texts for themselves"
                            : "column " + columns.context()
                                    + " is to hold contexts, which only the mode continuation has: leave it out, or ask"
                                    + " for that mode");
        }
        if (maxTokens < 0) {
            throw new IllegalArgumentException("at most " + maxTokens + " tokens a row are none: ask for 1 or more");
        }
    }

    /** As long as the model takes, cut where it is longer, in the mode that the columns make most of. */
    public static LikelihoodRequest of(String model, LikelihoodColumns columns) {
        LikelihoodMode mode = columns.context() == null ? LikelihoodMode.TEXT : LikelihoodMode.CONTINUATION;
        return new LikelihoodRequest(
                model, columns, mode, 0, TextRequest.OnLong.TRUNCATE, false, PagedAttentionConf.defaults());
    }

    /** The same in another mode. */
    public LikelihoodRequest withMode(LikelihoodMode other) {
        return new LikelihoodRequest(model, columns, other, maxTokens, onLong, tokenLogProbs, conf);
    }

    /** The same with {@code most} tokens fed at most; 0 for as many as the model takes. */
    public LikelihoodRequest withMaxTokens(int most) {
        return new LikelihoodRequest(model, columns, mode, most, onLong, tokenLogProbs, conf);
    }

    public LikelihoodRequest withOnLong(TextRequest.OnLong what) {
        return new LikelihoodRequest(model, columns, mode, maxTokens, what, tokenLogProbs, conf);
    }

    /** The same with each token's log-probability, or without. */
    public LikelihoodRequest withTokenLogProbs(boolean wanted) {
        return new LikelihoodRequest(model, columns, mode, maxTokens, onLong, wanted, conf);
    }

    public LikelihoodRequest withConf(PagedAttentionConf settings) {
        return new LikelihoodRequest(model, columns, mode, maxTokens, onLong, tokenLogProbs, settings);
    }
}
