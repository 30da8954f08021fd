using System.Text.Json.Nodes;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>A condition of a status.</summary>
internal sealed record SeenCondition(string Type, string Status, string Reason, string Message, long ObservedGeneration)
{
    public static SeenCondition Of(JsonObject condition) => new(
        (string)condition["type"]!,
        (string)condition["status"]!,
        (string?)condition["reason"] ?? "",
        (string?)condition["message"] ?? "",
        // Conditions of pods tell no generation and are of the object as it is.
        (long?)condition["observedGeneration"] ?? long.MaxValue);

    public override string ToString() => $"{Type}={Status} ({Reason}: {Message})";
}
