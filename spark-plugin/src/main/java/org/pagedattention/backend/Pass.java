package org.pagedattention.backend;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.tensor.Shape;

/**
 * One batch on its way through a model. Operations take tensors of this pass and return new ones; a backend may only
 * queue them, so that nothing is known to be computed before {@link #read}.
 *
 * <p>A row of a result depends on its own row of each input, and in {@link #attend} and {@link #pool} on the rows of its
 * own sequence. On a backend that promises it, not a bit depends on where the row lies or on what lies beside it.
 */
public interface Pass extends AutoCloseable {

    /**
     * Brings rows to where the backend computes.
     *
     * @param shape {@code [rows, columns]}
     * @param writer writes all of them, row after row in fp32, into the little-endian memory it is given
     */
    Tensor upload(Shape shape, Consumer<ByteBuffer> writer);

    /**
     * Rows of a table, such as the words that tokens are, or their positions.
     *
     * @param table of {@link ModelBackend#holdTable}
     * @param rows their numbers, each from 0 to the last of the table
     * @return {@code [rows, columns]}
     */
    Tensor lookup(Weight table, int[] rows);

    /**
     * {@code activation(x · weightᵀ + bias) + residual}.
     *
     * @param x {@code [rows, in]}
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}; null for none
     * @param residual {@code [rows, out]}; null for none
     */
    Tensor linear(Tensor x, Weight weight, @Nullable Weight bias, Activation activation, @Nullable Tensor residual);

    /** {@link #linear} without activation and residual. */
    default Tensor linear(Tensor x, Weight weight, @Nullable Weight bias) {
        return linear(x, weight, bias, Activation.NONE, null);
    }

    /**
     * {@code activation(x · weightᵀ + bias) · factor}, number by number: {@link #gated} of a linear layer.
     *
     * @param factor {@code [rows, out]}
     */
    default Tensor gatedLinear(Tensor x, Weight weight, @Nullable Weight bias, Activation activation, Tensor factor) {
        return gated(activation, linear(x, weight, bias), factor);
    }

    /**
     * Normalises every row; with a gain that is narrower than a row, each group of as many columns by itself, as models
     * do that normalise the heads of their queries and keys.
     */
    Tensor norm(Norm norm, Tensor x);

    /**
     * Turns every head of every token by its position in its sequence: the sequence's keys before its first query, and
     * the queries before the token.
     *
     * @param x {@code [query tokens, heads * headDim]}
     */
    Tensor rope(Tensor x, Rotary rotary);

    /**
     * Attention of every sequence's queries to its keys, which the page tables of the pass name: row {@code i} of
     * {@code k} and {@code v} is token slot {@code i}, behind the slots of the tokens that the pass was begun behind. Several
     * sequences may have the same rows among their keys.
     *
     * @param q {@code [query tokens, queryHeads * headDim]}
     * @param k {@code [slots, kvHeads * headDim]}, at least as many slots as the tables name tokens in
     * @param v {@code [slots, kvHeads * valueDim]}
     * @return {@code [query tokens, queryHeads * valueDim]}
     */
    Tensor attend(AttentionSpec spec, Tensor q, Tensor k, Tensor v);

    /**
     * Leaves the keys and values of some tokens, of every attention, to passes to come, as far as there is room for them. To
     * be asked for once, before the first attention.
     *
     * @param slots where these tokens are, in the order in which they are to lie
     */
    KeptTokens keep(int[] slots);

    /** The sum of two tensors of one shape. */
    Tensor add(Tensor a, Tensor b);

    /** {@code activation(gate) · up}, number by number. */
    Tensor gated(Activation activation, Tensor gate, Tensor up);

    /**
     * One row a sequence of one row a token.
     *
     * @param x {@code [tokens, columns]}
     * @param skipped tokens at the start of every sequence that take no part; a sequence that has no others gives zeros
     * @return {@code [sequences, columns]}
     */
    Tensor pool(SequencePooling pooling, Tensor x, int skipped);

    /**
     * Some rows, in the order of their numbers, which may be there more than once.
     *
     * @param rows their numbers, each from 0 to the last of {@code x}
     * @return {@code [rows, columns]}
     */
    Tensor rows(Tensor x, int[] rows);

    /**
     * How probable a model finds given tokens: of each row the natural logarithm of its target's part in the softmax over
     * {@code x · headᵀ}, and 1 when no other logit is larger and none before it as large, else 0. Logits are there for
     * some rows and columns at a time only.
     *
     * @param x {@code [rows, hidden]}
     * @param head {@code [vocabulary, hidden]}
     * @param targets one a row, each from 0 to the last of the vocabulary
     * @return {@code [rows, 2]}
     */
    Tensor logProbs(Tensor x, Weight head, int[] targets);

    /** Tensors of as many rows, put side by side: {@code [rows, sum of columns]}. */
    Tensor beside(List<Tensor> parts);

    /**
     * Some columns of a tensor, which may share its memory: they die with it, and {@link #release} of them gives nothing
     * back.
     *
     * @return {@code [rows, count]}
     */
    Tensor columns(Tensor x, int first, int count);

    /** Every row divided by its Euclidean length, or by 1e-12 when that is less. */
    Tensor normalize(Tensor x);

    /** Does {@code work} and gives back the memory of all tensors it made, but for the one that it returns. */
    Tensor scope(Supplier<Tensor> work);

    /** Gives back the memory of a tensor of the innermost scope, which no operation still to come needs. */
    void release(Tensor x);

    /**
     * Sends off all that was queued, for {@link #read} of this tensor: a backend that works by itself does so from now on.
     * May be left out.
     *
     * @throws org.pagedattention.device.DeviceMemoryException when there is too little memory now
     */
    default void start(Tensor result) {}

    /** Whether {@link #read} of a tensor that was started need not wait. */
    default boolean isDone(Tensor result) {
        return true;
    }

    /**
     * Waits for {@code x} and returns it in fp32, row after row.
     *
     * @return memory of the caller's own
     */
    FloatBuffer read(Tensor x);

    /**
     * Computes {@code result}, as {@link #read} would, and says what its time went to: milliseconds of each kind of
     * operation, by a name for people. Empty where operations are computed as they are asked for, whom one may time then.
     */
    default Map<String, Double> millis(Tensor result) {
        return Map.of();
    }

    /** Gives all memory back; a second call does nothing. */
    @Override
    void close();
}
