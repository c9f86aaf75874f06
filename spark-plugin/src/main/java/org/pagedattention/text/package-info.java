/**
 * Text to token ids, as Hugging Face's tokenizers make them. The only room that knows their library, of which it uses
 * the native calls alone: nothing here downloads, reports to anyone, or looks for a GPU.
 */
@NullMarked
package org.pagedattention.text;

import org.jspecify.annotations.NullMarked;
