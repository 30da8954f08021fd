using Dynospace.Api.Apps;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>An image and what to run of it.</summary>
internal sealed record Workload(string Image, params string[] Command)
{
    /// <summary>What it asks the node for.</summary>
    public string Size { get; init; } = DynoSizes.Default;

    /// <summary>A process type of this program.</summary>
    public ProcessSpec Process(string type, int quantity) =>
        new() { Type = type, Quantity = quantity, Size = Size, Command = [.. Command] };
}
