package org.pagedattention.prefix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageTable;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Sequences as a tree of what they have in common, page by page. A node's tokens are computed once; they see those of its
 * ancestors through a page table that names the ancestors' pages before its own. What is less than a page stays with each
 * sequence, unless one is the beginning of another and has nothing of its own. Pages that an earlier pass has left have the
 * first slots; nothing of them is computed.
 */
public final class PrefixTree {
    private final int pageSize;
    private final List<PrefixNode> nodes = new ArrayList<>();
    /** Of each sequence, the node that holds its last token, or one below it. */
    private final int[] leaves;

    private final Held held;
    private int tokens;

    private PrefixTree(int pageSize, int sequences, Held held) {
        this.pageSize = pageSize;
        this.held = held;
        leaves = new int[sequences];
    }

    /**
     * Pages that an earlier pass has left.
     *
     * @param ids the tokens in them, from the start of a sequence on, in whole pages
     * @param slots token slots that they take, those of further tokens included
     */
    public record Held(int[] ids, int slots) {

        /** No pages. */
        public static Held nothing() {
            return new Held(new int[0], 0);
        }
    }

    /**
     * The tree of some sequences.
     *
     * @param sequences each of one token at least
     * @param pageSize tokens of a page
     */
    public static PrefixTree of(List<int[]> sequences, int pageSize) {
        return of(sequences, pageSize, Held.nothing());
    }

    /** The same behind pages that an earlier pass has left. */
    public static PrefixTree of(List<int[]> sequences, int pageSize, Held held) {
        PrefixTree tree = new PrefixTree(pageSize, sequences.size(), held);
        tree.build(SortedPrefixes.of(sequences, pageSize));
        return tree;
    }

    /**
     * Every sequence by itself.
     *
     * @param sequences each of one token at least
     */
    public static PrefixTree unshared(List<int[]> sequences, int pageSize) {
        PrefixTree tree = new PrefixTree(pageSize, sequences.size(), Held.nothing());
        for (int i = 0; i < sequences.size(); i++) {
            int[] sequence = sequences.get(i);
            tree.leaves[i] = tree.add(-1, 0, sequence, sequence.length);
        }
        return tree;
    }

    private void build(SortedPrefixes sorted) {
        List<Integer> ends = sorted.withTokensOfTheirOwn();
        if (!ends.isEmpty()) {
            branch(sorted, ends, 0, ends.size(), -1, 0);
        }
        for (int i = sorted.count() - 1; i >= 0; i--) {
            if (!sorted.hasTokensOfItsOwn(i)) {
                leaves[sorted.index(i)] = leaves[sorted.index(i + 1)];
            }
        }
    }

    /** Hangs sequences that have their first {@code depth} tokens in common below {@code parent}, which holds these. */
    private void branch(SortedPrefixes sorted, List<Integer> ends, int from, int to, int parent, int depth) {
        int[] first = sorted.sequence(ends.get(from));
        if (to - from == 1) {
            leaves[sorted.index(ends.get(from))] = add(parent, depth, first, first.length - depth);
            return;
        }
        int common = Integer.MAX_VALUE;
        for (int i = from + 1; i < to; i++) {
            common = Math.min(common, sorted.commonPages(ends, i));
        }
        int below = common > depth ? add(parent, depth, first, common - depth) : parent;
        int begin = from;
        for (int i = from + 1; i <= to; i++) {
            if (i == to || sorted.commonPages(ends, i) == common) {
                branch(sorted, ends, begin, i, below, common);
                begin = i;
            }
        }
    }

    private int add(int parent, int depth, int[] source, int length) {
        if (length < 1) {
            throw new IllegalArgumentException("a sequence of no token has nothing to compute");
        }
        int there = Math.min(heldOf(source) - depth, length);
        if (there <= 0) {
            nodes.add(new PrefixNode(parent, depth, held.slots + tokens, source, length, false));
            tokens = Math.addExact(tokens, length);
            return nodes.size() - 1;
        }
        nodes.add(new PrefixNode(parent, depth, depth, source, there, true));
        int last = nodes.size() - 1;
        return there == length ? last : add(last, depth + there, source, length - there);
    }

    /** Tokens of a sequence that are held. */
    private int heldOf(int[] sequence) {
        int differs = Arrays.mismatch(sequence, held.ids);
        return (differs < 0 ? held.ids.length : differs) / pageSize * pageSize;
    }

    private List<PrefixNode> computed() {
        return nodes.stream().filter(node -> !node.held()).toList();
    }

    /** Tokens to compute: each common one counts once. */
    public int tokens() {
        return tokens;
    }

    /** The tokens to compute, end to end. */
    public int[] ids() {
        int[] ids = new int[tokens];
        for (PrefixNode node : computed()) {
            System.arraycopy(node.source(), node.depth(), ids, node.start() - held.slots, node.length());
        }
        return ids;
    }

    /** Where among {@link #ids} the token at {@code position} of a sequence is; negative where it is held. */
    public int row(int sequence, int position) {
        return slot(sequence, position) - held.slots;
    }

    /** The slot of the token at {@code position} of a sequence. */
    public int slot(int sequence, int position) {
        PrefixNode node = nodes.get(leaves[sequence]);
        while (position < node.depth()) {
            node = nodes.get(node.parent());
        }
        return node.start() + position - node.depth();
    }

    /**
     * The pages: one sequence a node that is computed, whose queries are its own tokens and whose keys are its ancestors' and
     * its own.
     */
    public PagedBatch pages() {
        int[][] rows = new int[nodes.size()][];
        List<int[]> computed = new ArrayList<>();
        List<SequenceLengths> lengths = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            PrefixNode node = nodes.get(i);
            int before = node.parent() < 0 ? 0 : rows[node.parent()].length;
            int own = PagedBatch.pagesFor(node.length(), pageSize);
            rows[i] = node.parent() < 0 ? new int[own] : Arrays.copyOf(rows[node.parent()], before + own);
            for (int page = 0; page < own; page++) {
                rows[i][before + page] = node.start() + page * pageSize;
            }
            if (!node.held()) {
                computed.add(rows[i]);
                lengths.add(new SequenceLengths(node.length(), node.depth() + node.length()));
            }
        }
        PageTable table = new PageTable(computed.toArray(int[][]::new));
        int slots = Math.addExact(Math.addExact(held.slots, tokens), pageSize - 1);
        return PagedBatch.of(PageLayout.PACKED, pageSize, lengths, table, table, Math.max(slots, pageSize));
    }
}
