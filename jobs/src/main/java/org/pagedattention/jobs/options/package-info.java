/**
 * Options that several jobs share and that are not of tables: shapes and masks of attention, the backend, a model, prompts,
 * texts and names of columns; each turns into a part of a request or into settings. For the main thread. A value that
 * cannot work throws {@code IllegalArgumentException} with the option and the value.
 */
@NullMarked
package org.pagedattention.jobs.options;

import org.jspecify.annotations.NullMarked;
