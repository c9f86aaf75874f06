/**
 * The job bench model: whole models on one backend, without Spark and tokenizers. For the main thread, which starts the
 * threads that run passes.
 */
@NullMarked
package org.pagedattention.jobs.bench.model;

import org.jspecify.annotations.NullMarked;
