using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Routing;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>What is kept of a route, of what keeps it to ranges, or of a certificate: its content, and what somebody else's program says of it.</summary>
internal sealed record ProviderPart(LiveObject Live)
{
    /// <summary>What says of a route that it is not taken.</summary>
    private static readonly string[] Verdicts = ["Accepted", "ResolvedRefs"];

    /// <summary>Whether its condition Ready is true.</summary>
    public bool IsReady { get; init; }

    /// <summary>What the condition Ready says while it is not true; null for nothing.</summary>
    public string? Trouble { get; init; }

    /// <summary>Why a gateway does not take it; null when it does, or says nothing.</summary>
    public string? Refusal { get; init; }

    /// <summary>Facts of a Certificate.</summary>
    public CertificateFacts Certificate => new(IsReady, Trouble);

    /// <summary>The app that it is of.</summary>
    public ObjectKey? App => Live.Labels.TryGetValue(Labels.Space, out var space) && Live.Labels.TryGetValue(Labels.App, out var app) ? new(space, app) : null;

    public static ProviderPart Decode(ResourceKind kind, JsonElement element)
    {
        var status = Member(element, "status");
        var ready = Items(Member(status, "conditions")).FirstOrDefault(condition => Text(condition, "type") == "Ready");
        return new ProviderPart(LiveObject.Decode(kind, element))
        {
            IsReady = Text(ready, "status") == "True",
            Trouble = ready.ValueKind == JsonValueKind.Object && Text(ready, "status") != "True" ? Says(ready) : null,
            Refusal = Items(Member(status, "parents")).Concat(Items(Member(status, "ancestors")))
                .SelectMany(parent => Items(Member(parent, "conditions")))
                .Where(condition => Verdicts.Contains(Text(condition, "type")) && Text(condition, "status") == "False")
                .Select(Says).FirstOrDefault(),
        };
    }

    private static string Says(JsonElement condition) => $"{Text(condition, "reason")}: {Text(condition, "message")}";

    private static IEnumerable<JsonElement> Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [];

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
