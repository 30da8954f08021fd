namespace Dynospace.Runtime.Transport;

/// <summary>One request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Verb">The API's verb, for metrics and messages.</param>
/// <param name="Kind">The kind, for metrics.</param>
/// <param name="Path">Path and query, relative to the server's address.</param>
internal sealed record ApiCall(HttpMethod Method, string Verb, ResourceKind Kind, string Path)
{
    public const string Watch = "watch";

    public HttpContent? Body { get; init; }
}
