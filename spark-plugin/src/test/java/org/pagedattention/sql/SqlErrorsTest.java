package org.pagedattention.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pagedattention.sql.SqlSession.rows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that cannot work are refused in a sentence, rows without a result do what the settings say. */
class SqlErrorsTest {
    private static final String LONG = "repeat('word ', 100)";

    @AfterEach
    void forget() {
        SqlSession.SESSION.conf().unset("spark.pagedAttention.onBadRow");
        SqlSession.SESSION.conf().set("spark.pagedAttention.sql.embed.model", SqlSession.EMBEDDING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "embed(text, map('size', '3')) | embed has no option 'size': it has model, maxTokens, onLong, prompt,",
                "embed(text, map('maxTokens', '0')) | embed: option maxTokens is '0': use a whole number from 1",
                "embed(text, map('maxTokens', 1.5)) | embed: option maxTokens is '1.5': use a whole number from 1",
                "embed(text, map('onLong', 'cut')) | embed: option onLong is 'cut': 'cut' is no way to treat long texts",
                "embed(text, map('normalize', 'yes')) | embed: option normalize is 'yes': use true or false",
                "embed(text, map('pool', 'best')) | embed: ",
                "embed(text, map('prompt', 'none')) | prompt 'none' is not known",
                "embed(text, map('model', text)) | options of embed are constants, as in map('model', '/models/...')",
                "embed(text, map('model', '/none/here')) | model /none/here does not exist",
                "embed(text, before) | embed takes one text and perhaps options",
                "embed() | embed takes one text and perhaps options, as in map('model', '/models/...'), and is given 0 texts",
                "log_likelihood(text, before, text) | log_likelihood takes one or two texts",
                "log_likelihood(text, map('rolling', 'maybe')) | log_likelihood: option rolling is 'maybe': use true or false",
                "embed(id) | requires the \"STRING\" type",
                "classify(text, 3) | requires the \"STRING\" type"
            })
    void callsAreRefusedInASentence(String call, String message) {
        assertThatThrownBy(() -> rows("select " + call + " from texts")).hasMessageContaining(message);
    }

    @Test
    void withoutAModelTheSettingIsNamed() {
        SqlSession.SESSION.conf().unset("spark.pagedAttention.sql.embed.model");
        assertThatThrownBy(() -> rows("select embed(text) from texts"))
                .hasMessage(
                        "embed has no model: set spark.pagedAttention.sql.embed.model to the model's folder, or name it in"
                                + " the call: map('model', '/models/...')");
        assertThat(rows("select embed(text, map('model', '" + SqlSession.EMBEDDING + "')) from texts"))
                .hasSize(SqlSession.ROWS);
    }

    @Test
    void rowsWithoutAResultEndTheQueryOrAreNull() {
        String query =
                "select id, embed(if(id = 3, " + LONG + ", 'a dog'), map('onLong', 'fail')) from texts where id < 5";
        assertThatThrownBy(() -> rows(query))
                .rootCause()
                .hasMessageStartingWith("bad row {id=3")
                .hasMessageContaining("the row has more tokens than are taken; expected at most 24 tokens");
        SqlSession.SESSION.conf().set("spark.pagedAttention.onBadRow", "null");
        assertThat(rows(query)).hasSize(5).allMatch(row -> row.isNullAt(1) == (row.getLong(0) == 3));
        SqlSession.SESSION.conf().set("spark.pagedAttention.onBadRow", "quarantine");
        assertThatThrownBy(() -> rows(query))
                .hasMessageContaining("onBadRow is quarantine, and a query has no place for that");
    }

    @Test
    void elementsOfArraysAreNoRows() {
        assertThatThrownBy(() -> rows("select transform(array(text, 'a cat'), one -> embed(one)) from texts"))
                .hasMessage(
                        "embed takes a variable of a lambda, as in transform(texts, text -> ...), and models compute"
                                + " rows: explode the array, call it for each row, and collect_list the results");
        // within a lambda, but of the row
        assertThat(rows("select transform(array(1, 2), one -> size(embed('a dog')) + one) from texts where id < 2"))
                .hasSize(2);
    }

    @Test
    void outerJoinsRefuseCallsOverBothSides() {
        assertThatThrownBy(() ->
                        rows("select a.id from texts a left join texts b on log_likelihood(a.before, b.text) < 0"))
                .hasMessage(
                        "log_likelihood in Join takes texts of both sides: compute it in a query of its own, and use its"
                                + " result");
    }
}
