using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Where the real API finds what belongs to a version: at the top of the spec if all versions have the same, else at
/// the version.
/// </summary>
internal sealed class CrdLayout(IReadOnlyList<JsonObject> versions)
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>
    /// The path of a version's <paramref name="keyword"/>; <paramref name="shared"/> is its name at the top.
    /// </summary>
    public FieldPath PathOf(int index, string keyword, string shared) =>
        IsShared(keyword) ? Spec[shared] : Spec["versions"][index][keyword];

    /// <summary>What is shared is checked once, with the first version.</summary>
    public bool IsCheckedWith(int index, string keyword) => index == 0 || !IsShared(keyword);

    private bool IsShared(string keyword) =>
        versions.All(version => JsonNode.DeepEquals(version[keyword], versions[0][keyword]));
}
