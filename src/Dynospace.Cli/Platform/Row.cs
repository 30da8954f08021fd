using Dynospace.Runtime;

namespace Dynospace.Cli.Platform;

/// <summary>One space, app or dyno, in words.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">Which one.</param>
/// <param name="Name">Its name below its parent: <c>web.1</c> for the dyno <c>shop.web.1</c>.</param>
/// <param name="Health">How it fares.</param>
/// <param name="Why">Reason and message where it is not well; else the reason.</param>
internal sealed record Row(RowKind Kind, ObjectKey Key, string Name, Health Health, string Why)
{
    /// <summary>Runtime and region, kind of routing, or what a dyno does.</summary>
    public string What { get; init; } = "";

    /// <summary>Dynos up and wished for.</summary>
    public string Up { get; init; } = "";

    /// <summary>Where it is reached, or for a space where its traffic comes from.</summary>
    public string Address { get; init; } = "";

    /// <summary>The release, <c>v7</c>.</summary>
    public string Release { get; init; } = "";

    /// <summary>The node.</summary>
    public string Node { get; init; } = "";

    /// <summary>The conditions that readiness is made of.</summary>
    public IReadOnlyList<ConditionMark> Conditions { get; init; } = [];

    public override string ToString() => $"{Kind} {Key}";
}
