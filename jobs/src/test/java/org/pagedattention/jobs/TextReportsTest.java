package org.pagedattention.jobs;

import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the job embed says of itself: its summary for programs, its report for people, and what it would do. */
class TextReportsTest extends TextJobsFixture {

    @Test
    void tellsProgramsWhatItTellsPeople() throws IOException {
        Path file = own.resolve("summaries/embed.json");
        String options = "--on-bad-row null --resume --unit-bytes 1 --summary " + file;
        assertDone(embed(options));
        JsonNode summary = new ObjectMapper().readTree(file.toFile());
        assertThat(summary.path("job").asText()).isEqualTo("embed");
        assertThat(summary.path("output").asText()).isEqualTo(own.resolve("out").toString());
        assertThat(summary.path("rows").toString()).isEqualTo("{\"read\":30,\"written\":30,\"quarantined\":0}");
        assertThat(summary.path("counted").path("sequences").asInt()).isEqualTo(ROWS - 1);
        assertThat(summary.path("counted").path("badRows").asInt()).isEqualTo(1);
        assertThat(summary.path("perSecond").path("texts").asDouble()).isPositive();
        assertThat(summary.path("perSecond").path("tokens").asDouble()).isPositive();
        assertThat(summary.path("seconds").asDouble()).isPositive();
        assertThat(summary.path("backend").asText()).startsWith("cpu");
        assertThat(embed(options).out()).contains("nothing to do");
        assertThat(new ObjectMapper().readTree(file.toFile()).path("rows").isNull())
                .isTrue();
        assertThat(file.getParent()).isDirectoryContaining(path -> path.endsWith("embed.json"));
    }

    @Test
    void showsPeopleHowItWent() throws IOException {
        Path file = own.resolve("reports/embed.html");
        JobRun run = embed("--on-bad-row null --report " + file);
        assertDone(run);
        assertThat(run.out()).endsWith("report: " + file + "\n");
        JsonNode data = reportData(file);
        assertThat(data.path("title").asText()).isEqualTo("Report of embed");
        assertThat(data.path("output").asText()).isEqualTo(own.resolve("out").toString());
        assertThat(data.path("charts").findValuesAsText("title"))
                .containsExactly("Lengths", "Padding", "Throughput", "Time by stage", "Tasks");
        long counted = 0;
        for (JsonNode bar : data.path("charts").get(0).path("bars")) {
            counted += bar.path("count").asLong();
        }
        assertThat(counted).isEqualTo(ROWS - 1);
        double given = written()
                .filter("tokens is not null")
                .agg(sum("tokens"))
                .first()
                .getLong(0);
        assertThat(data.path("charts")
                        .get(1)
                        .path("amounts")
                        .get(0)
                        .path("value")
                        .asDouble())
                .isEqualTo(given);
        List<String> labels = data.path("map").path("points").findValuesAsText("label");
        assertThat(labels).hasSize(ROWS - 1).contains("a </script><b>cat</b>", "the dog number 1 runs");
        assertThat(labels).allMatch(label -> label.length() <= 160);
        assertThat(data.path("cards").get(0).path("facts").toString()).contains("BERT of 2 layers", "vocabulary");
        assertThat(data.path("cards").get(1).path("facts").toString()).contains("\"rows read\",\"value\":\"30\"");
    }

    @Test
    void saysWhatItWouldDoAndDoesNothing() {
        JobRun run = embed("--explain --report " + own.resolve("r.html") + " --summary " + own.resolve("s.json"));
        assertDone(run);
        assertThat(run.out().lines())
                .filteredOn(line -> !line.contains("/"))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains("backend cpu (auto", "model BERT of 2 layers", "parquet, 30 rows by the footers")
                .contains("of the sample: mean ", "% of the sample's rows have more tokens than take part")
                .contains("3.3% of the sample's rows; the first one: column text is null")
                .contains("cpu holds ", "passes of up to ", " tokens/s and ", "expected time about ")
                .contains("out: parquet; columns id bigint, text string, other string, embedding array<float>")
                .endsWith("written nothing: this only explains ");
        assertThat(own).isEmptyDirectory();
    }

    @Test
    void saysWhatItCanOfABackendThatIsNotHere() {
        JobRun run = embed("--explain --backend cudnn");
        assertDone(run);
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains("backend none: backend 'cudnn' cannot work here", "of the sample: mean ", "in 16 bits")
                .contains("expected time not known: this backend cannot work here");
        assertThat(own).isEmptyDirectory();
    }

    private static JsonNode reportData(Path page) throws IOException {
        String text = Files.readString(page);
        String begin = "id=\"data\">";
        int from = text.indexOf(begin) + begin.length();
        return new ObjectMapper().readTree(text.substring(from, text.indexOf("</script>", from)));
    }

    @Test
    void refusesAPlaceForTheSummaryThatIsNoneBeforeItWorks() {
        assertFailed(embed("--summary " + own.resolve("out/summary.json")), "--summary", "lie in each other");
        assertFailed(embed("--summary " + shared.resolve("in/summary.json")), "--summary", "lie in each other");
        assertFailed(embed("--summary " + own), "--summary " + own + " ");
        assertFailed(embed("--report " + own.resolve("out/report.html")), "--report", "lie in each other");
        assertThat(own.resolve("out")).doesNotExist();
    }
}
