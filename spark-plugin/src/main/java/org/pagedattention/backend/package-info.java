/**
 * The backend's contract: what a CPU or a GPU must be able to do, how its providers are found and how one is
 * chosen. Knows neither Spark nor CUDA. Backends are for any thread at once; what they hand out belongs to one
 * thread at a time.
 */
@NullMarked
package org.pagedattention.backend;

import org.jspecify.annotations.NullMarked;
