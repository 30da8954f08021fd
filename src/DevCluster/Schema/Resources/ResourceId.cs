namespace DevCluster.Schema.Resources;

/// <summary>
/// Names a kind of resource independently of its version: <c>("apps", "deployments")</c>, <c>("", "pods")</c>.
/// </summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Plural">The plural, lower-case resource name as it stands in URLs.</param>
public sealed record ResourceId(string Group, string Plural)
{
    /// <summary><c>pods</c> or <c>deployments.apps</c>, as the API's messages write it.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
