namespace Dynospace.Planning.Routing.Providers;

/// <summary>A kind of object that somebody else's program acts on. Most are there only where that program is installed.</summary>
/// <param name="Group">The API group.</param>
/// <param name="Version">The version.</param>
/// <param name="Plural">The name in paths.</param>
/// <param name="Kind">The name in objects.</param>
public sealed record ProviderKind(string Group, string Version, string Plural, string Kind)
{
    /// <summary>What objects carry as <c>apiVersion</c>.</summary>
    public string ApiVersion => $"{Group}/{Version}";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} ({ApiVersion})";
}
