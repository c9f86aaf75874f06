/**
 * Whole models over tables of texts: what a row's text or tokens become, and what comes out of it. {@link
 * org.pagedattention.scoring.models.TextEmbedder} makes vectors, {@link
 * org.pagedattention.scoring.models.TextClassifier} labels; both run on the driver's thread, and what they plan in the
 * tasks' own. The model is loaded once a process, by the task that comes first, and checked by the driver before any task
 * starts: what is wrong with a folder is an IllegalArgumentException there.
 */
@NullMarked
package org.pagedattention.scoring.models;

import org.jspecify.annotations.NullMarked;
