package org.pagedattention.scoring.sequences;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/** The pages of keys and values in a batch, found by what they hold and stand behind. For one thread. */
public final class PageIndex {
    private static final int FINITE = Float.MAX_EXPONENT + 1;

    private final AttentionSpec spec;
    private final int pageSize;
    private final BatchInputs inputs;
    private final Map<Long, Page> pages = new HashMap<>();

    /**
     * A page.
     *
     * @param slot where it begins
     * @param tokens that it holds; others than the last of a row are full
     * @param magnitude of its keys, or worse where values are not finite
     */
    public record Page(int slot, int tokens, Magnitude magnitude) {}

    public PageIndex(AttentionSpec spec, int pageSize, BatchInputs inputs) {
        this.spec = spec;
        this.pageSize = pageSize;
        this.inputs = inputs;
    }

    /** The pages that a row begins with; hashes find them, and their bytes are compared. */
    public List<Page> find(ChainedSequence row) {
        List<Page> found = new ArrayList<>();
        for (int page = 0; page < row.pages(); page++) {
            Page candidate = pages.get(row.hash(page));
            if (candidate == null || !holds(candidate, row.sequence(), page)) {
                break;
            }
            found.add(candidate);
        }
        return found;
    }

    private boolean holds(Page page, Sequence row, int number) {
        return page.tokens() == tokens(row, number)
                && keys(row, number).isIn(keys(page.slot(), row, number))
                && values(row, number).isIn(values(page.slot(), row, number));
    }

    /**
     * Copies the pages of a row to slots one behind the other.
     *
     * @param from the first of them
     * @param slot where it goes
     * @param inputExponent keys are small below 2 to this power
     */
    public List<Page> copy(Sequence row, int from, int slot, int inputExponent) {
        List<Page> copied = new ArrayList<>();
        int next = slot;
        for (int page = from; page * pageSize < row.lengths().kvTokens(); page++) {
            Magnitude magnitude = keys(row, page)
                    .copyTo(keys(next, row, page), inputExponent)
                    .orWorse(values(row, page).copyTo(values(next, row, page), FINITE));
            copied.add(new Page(next, tokens(row, page), magnitude));
            next += pageSize;
        }
        return copied;
    }

    /** Makes pages of a row known that lie here now, its {@code from}-th and those behind. */
    public void add(ChainedSequence row, int from, List<Page> copied) {
        for (int i = 0; i < copied.size(); i++) {
            pages.putIfAbsent(row.hash(from + i), copied.get(i));
        }
    }

    private int tokens(Sequence row, int page) {
        return Math.min(pageSize, row.lengths().kvTokens() - page * pageSize);
    }

    private TensorRef keys(Sequence row, int page) {
        return row.k().tokens(page * pageSize, tokens(row, page), spec.keyElements());
    }

    private TensorRef values(Sequence row, int page) {
        return row.v().tokens(page * pageSize, tokens(row, page), spec.valueElements());
    }

    private TensorRef keys(int slot, Sequence row, int page) {
        return keys(row, page).at(inputs.keys(), slot, spec.keyElements(), spec.type());
    }

    private TensorRef values(int slot, Sequence row, int page) {
        return values(row, page).at(inputs.values(), slot, spec.valueElements(), spec.type());
    }
}
