using System.Net;
using System.Text.Json.Nodes;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>What the API server answered: an object, or a Status that says why not.</summary>
internal sealed record ApiAnswer(HttpStatusCode Code, JsonObject Body)
{
    public bool IsSuccess => (int)Code is >= 200 and < 300;

    public string Reason => (string?)Body["reason"] ?? "";

    public string Message => (string?)Body["message"] ?? "";

    /// <summary>The object; a refusal ends the test with the server's own words.</summary>
    public JsonObject Require()
    {
        Assert.True(IsSuccess, $"{(int)Code} {Reason}: {Message}");
        return Body;
    }
}
