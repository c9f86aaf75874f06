package org.pagedattention.inference;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.model.TokenIds;

/** Cuts a list of rows into batches of at most so many tokens, in their order; a longer row is a batch of its own. */
final class TokenBudget {
    private TokenBudget() {}

    static List<List<TokenIds>> batches(List<PreparedRow> rows, int most) {
        List<List<TokenIds>> batches = new ArrayList<>();
        List<TokenIds> batch = new ArrayList<>();
        long tokens = 0;
        for (PreparedRow row : rows) {
            if (!batch.isEmpty() && tokens + row.tokens().length() > most) {
                batches.add(batch);
                batch = new ArrayList<>();
                tokens = 0;
            }
            batch.add(row.tokens());
            tokens += row.tokens().length();
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }
}
