package org.pagedattention.request;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Where a table has what is scored.
 *
 * @param scored column of the texts, documents or continuations, or of their token ids
 * @param context column of what each continuation stands behind; null where texts stand for themselves
 * @param ids whether both hold token ids
 */
public record LikelihoodColumns(String scored, @Nullable String context, boolean ids) implements Serializable {

    /** Texts that stand for themselves. */
    public static LikelihoodColumns text(String column) {
        return new LikelihoodColumns(column, null, false);
    }

    /** Continuations behind their contexts. */
    public static LikelihoodColumns continuation(String context, String continuation) {
        return new LikelihoodColumns(continuation, context, false);
    }

    /** Token ids of texts that stand for themselves. */
    public static LikelihoodColumns tokens(String column) {
        return new LikelihoodColumns(column, null, true);
    }

    /** Token ids of continuations behind those of their contexts. */
    public static LikelihoodColumns continuationTokens(String context, String continuation) {
        return new LikelihoodColumns(continuation, context, true);
    }
}
