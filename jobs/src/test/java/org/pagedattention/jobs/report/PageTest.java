package org.pagedattention.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PageTest {
    private static final String EVIL = "</script><script>alert('1')</script> {{script}} <!-- $1 \\ & \u2028 é";

    private static String page() {
        VectorMap map = new VectorMap("a map", List.of(new VectorMap.Place(1, 2, EVIL)));
        return Page.html(new PageData(
                EVIL, "product", EVIL, List.of(new PageData.Tile("n", EVIL, "")), map, List.of(), List.of(), "end"));
    }

    @Test
    void leavesNoMarkupInWhatUsersWrote() throws IOException {
        String page = page();
        assertThat(page).doesNotContain("alert('1')</script>");
        String data = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
        assertThat(data).doesNotContain("<", ">", "&", "\u2028");
        JsonNode read = new ObjectMapper().readTree(data);
        assertThat(read.path("output").asText()).isEqualTo(EVIL);
        assertThat(read.path("map").path("points").get(0).path("label").asText())
                .isEqualTo(EVIL);
    }

    @Test
    void bringsAllThatItNeeds() {
        String page = page();
        assertThat(page)
                .contains(
                        "Chart.js v4",
                        "Permission is hereby granted",
                        "prefers-color-scheme: dark",
                        "width=device-width")
                .doesNotContain("sourceMappingURL", "src=", "href=", "{{style}}", "url(");
        // the frame's three scripts, and no end of one within another
        assertThat(Pattern.compile("<script").matcher(page).results()).hasSize(3);
        assertThat(Pattern.compile("</script").matcher(page).results()).hasSize(3);
    }

    @Test
    void runsItsOwnScriptsAlone() {
        String policy = between(page(), "Content-Security-Policy\" content=\"", "\">");
        assertThat(policy)
                .startsWith("default-src 'none'")
                .containsPattern("script-src 'sha256-[^']+' 'sha256-[^']+'$");
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
