/**
 * Transformer models: what the families that we know take from a model's {@code folder}, what each computes, and the heads
 * that make vectors, labels and likelihoods of it. A config, the weights and a body make a family: {@code LlamaConfig},
 * {@code LlamaWeights}, {@code Llama}. Knows neither Spark, nor CUDA, nor any one backend. A model that is loaded never
 * changes; its passes are their backend's affair. What a folder says and a family does not understand throws {@code
 * ModelFolderException}.
 */
@NullMarked
package org.pagedattention.model;

import org.jspecify.annotations.NullMarked;
