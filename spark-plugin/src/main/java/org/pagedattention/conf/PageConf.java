package org.pagedattention.conf;

import java.io.Serializable;
import org.pagedattention.paging.PageLayout;
import org.pagedattention.paging.PageSize;

/**
 * How tokens lie in containers.
 *
 * @param size tokens of a page
 * @param layout how pages lie in a container
 */
public record PageConf(int size, PageLayout layout) implements Serializable {

    static PageConf read(Settings settings) {
        return new PageConf(
                settings.read(
                        "page.size",
                        Integer.toString(PageSize.DEFAULT),
                        text -> PageSize.check(
                                Parsers.number(1, Integer.MAX_VALUE).apply(text)),
                        "Tokens of a page: a power of two from 1 to 1024"),
                settings.read(
                        "page.layout",
                        "packed",
                        PageLayout::parse,
                        "`packed`: tokens end to end, no waste; `padded`: whole pages for each sequence"));
    }
}
