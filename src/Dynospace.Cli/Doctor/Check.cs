using System.Text.Json.Nodes;
using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Cli.Doctor;

/// <summary>What a check found.</summary>
internal enum CheckResult
{
    /// <summary>It is as it should be.</summary>
    Ok,

    /// <summary>It works, and deserves a look.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It cannot be seen.</summary>
    Unknown,
}

/// <summary>What is examined: the cluster, a node, an EgressGateway, a Space.</summary>
/// <param name="Kind">In lower case, as kubectl names it.</param>
/// <param name="Name">Its name; empty for the cluster.</param>
internal sealed record Subject(string Kind, string Name = "")
{
    public static Subject Cluster { get; } = new("cluster");

    public override string ToString() => Name.Length == 0 ? Kind : $"{Kind}/{Name}";
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Name">What was looked at, in a word or two.</param>
/// <param name="Result">What was found.</param>
/// <param name="Finding">The same in words.</param>
/// <param name="Remedy">What to do about it; null if there is nothing to do, or the finding says it.</param>
internal sealed record Check(Subject Subject, string Name, CheckResult Result, string Finding, string? Remedy = null)
{
    public bool IsFine => Result == CheckResult.Ok;

    public JsonObject ToJson() => new()
    {
        ["subject"] = Subject.ToString(),
        ["check"] = Name,
        ["result"] = Result.ToString(),
        ["finding"] = Finding,
        ["remedy"] = Remedy,
    };
}

/// <summary>Makes the checks of one subject.</summary>
internal sealed class CheckList(Subject subject)
{
    private readonly List<Check> _checks = [];

    public IReadOnlyList<Check> Checks => _checks;

    /// <summary>What a condition means. A passing state needs no help.</summary>
    public static CheckResult ResultOf(V1Condition condition) => condition.Status switch
    {
        ConditionStatus.True => Reason.FromName(condition.Reason).Nature == ReasonNature.Warning
            ? CheckResult.Warning
            : CheckResult.Ok,
        ConditionStatus.False => Reason.FromName(condition.Reason).Nature == ReasonNature.Passing
            ? CheckResult.Warning
            : CheckResult.Failed,
        _ => CheckResult.Unknown,
    };

    public void Ok(string name, string finding) => Add(name, CheckResult.Ok, finding);

    public void Warn(string name, string finding, string? remedy = null) =>
        Add(name, CheckResult.Warning, finding, remedy);

    public void Fail(string name, string finding, string? remedy = null) =>
        Add(name, CheckResult.Failed, finding, remedy);

    public void Unknown(string name, string finding, string? remedy = null) =>
        Add(name, CheckResult.Unknown, finding, remedy);

    public void Add(string name, CheckResult result, string finding, string? remedy = null) =>
        _checks.Add(new Check(subject, name, result, finding, remedy));
}
