namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>One event of a watch: what an object has become, or was when it went.</summary>
internal sealed record SeenChange(ChangeType Type, SeenObject Object)
{
    public override string ToString() => $"{Object.Version} {Type} {Object}";
}
