package org.pagedattention.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pagedattention.jobs.table.Json;

/** Puts a page together: its frame, its style, a library of charts, a script, and the data that this shows. */
final class Page {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    /** Debuggers would fetch it. */
    private static final Pattern SOURCE_MAP = Pattern.compile("(?m)^//# sourceMappingURL=.*$");

    private Page() {}

    static String html(PageData data) {
        String webjar = "/META-INF/resources/webjars/chart.js/"
                + resource("chartjs-version.txt").strip() + "/";
        String library =
                SOURCE_MAP.matcher(resource(webjar + "dist/chart.umd.min.js")).replaceAll("");
        String script = resource("page.js");
        Map<String, String> parts = Map.of(
                "style",
                resource("page.css"),
                "library",
                library,
                "licence",
                resource(webjar + "LICENSE.md"),
                "script",
                script,
                "hashes",
                hash(library) + " " + hash(script),
                "data",
                withoutMarkup(Json.text(data)));
        // in one go: what data say is no place for another part
        return PLACE.matcher(resource("page.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
    }

    /** JSON has these characters in strings only, where their numbers say the same. */
    static String withoutMarkup(String json) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** What the page's policy knows a script by: no other one runs there. */
    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream text = Page.class.getResourceAsStream(name)) {
            if (text == null) {
                throw new IllegalStateException("this build lacks " + name + ", a part of every report");
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
