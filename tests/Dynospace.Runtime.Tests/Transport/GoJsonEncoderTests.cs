using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Tests.Transport;

/// <summary>
/// The expected texts are what encoding/json of Go 1.22 and later writes, of which the API server is built.
/// </summary>
public sealed class GoJsonEncoderTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a<b && c>d", @"a\u003cb \u0026\u0026 c\u003ed")]
    [InlineData("\"quoted\" \\ 'single' + `tick` /", @"\""quoted\"" \\ 'single' + `tick` /")]
    [InlineData("line\nreturn\rtab\tback\bfeed\f", @"line\nreturn\rtab\tback\bfeed\f")]
    [InlineData("\u0000\u001f\u007f", "\\u0000\\u001f\u007f")]
    [InlineData("Gr\u00fc\u00dfe \u4f60\u597d", "Gr\u00fc\u00dfe \u4f60\u597d")]
    [InlineData("\U0001F600", "\U0001F600")]
    [InlineData("\u2028\u2029", @"\u2028\u2029")]
    public async Task Texts_are_escaped_as_the_api_server_escapes_them(string text, string escaped)
    {
        using var body = ApiRequests.Body(new JsonObject { ["text"] = text });

        var sent = await body.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal($$"""{"text":"{{escaped}}"}""", sent);
        Assert.Equal(text, JsonDocument.Parse(sent).RootElement.GetProperty("text").GetString());
    }
}
