/**
 * Transformer models: folders in Hugging Face's layout, read exactly and refused exactly, and what each family computes.
 * Knows neither Spark, nor CUDA, nor any one backend.
 */
@NullMarked
package org.pagedattention.model;

import org.jspecify.annotations.NullMarked;
