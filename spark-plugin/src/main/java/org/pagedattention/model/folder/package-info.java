/**
 * A model's folder in Hugging Face's layout, read exactly and refused exactly: its files wherever they lie, its JSON, its
 * safetensors, and what it says of the texts that the model takes. Knows no family of models and computes nothing. What is
 * read never changes, so any thread may call it. A folder that is not understood, or not whole, throws {@code
 * ModelFolderException} with the folder, the file and the entry; a file system that fails, {@code UncheckedIOException}.
 */
@NullMarked
package org.pagedattention.model.folder;

import org.jspecify.annotations.NullMarked;
