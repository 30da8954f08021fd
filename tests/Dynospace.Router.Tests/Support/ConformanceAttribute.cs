namespace Dynospace.Router.Tests.Support;

/// <summary>A row of the table in docs/router.md.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ConformanceAttribute(string area, string behaviour, string answer = "") : Attribute
{
    public string Area { get; } = area;

    public string Behaviour { get; } = behaviour;

    /// <summary>Code and status, where there is one.</summary>
    public string Answer { get; } = answer;
}
