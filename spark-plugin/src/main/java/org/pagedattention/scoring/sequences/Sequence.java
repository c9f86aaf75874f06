package org.pagedattention.scoring.sequences;

import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.tensor.TensorRef;

/**
 * The tensors of a row: in the row itself, or in a batch.
 *
 * @param q {@code [queries, queryHeads, headDim]}
 * @param k {@code [keys, kvHeads, headDim]}
 * @param v {@code [keys, kvHeads, valueDim]}
 */
public record Sequence(SequenceLengths lengths, TensorRef q, TensorRef k, TensorRef v) {}
