using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Releases;

/// <summary>
/// A Secret to create for a release. It copies the current values of the Secrets that the App names, so that a later
/// restart or rollback uses the release's values. The values are not part of the plan; the applier reads them.
/// </summary>
/// <param name="Release">The release.</param>
/// <param name="Name">The name of the Secret.</param>
/// <param name="Sources">
/// The named Secrets, each with the digest that its values must have. Later ones take precedence.
/// </param>
public sealed record ReleaseSecret(ReleaseRecord Release, string Name, IReadOnlyList<SecretDigest> Sources)
{
    /// <summary>
    /// The maximum size of the values in one Secret, in bytes. The API server's limit for names and values is 1 MiB.
    /// </summary>
    internal const int MaxSize = 1_000_000;

    /// <summary>
    /// The immutable Secret, in the App's namespace, so that those who may read the originals may read it.
    /// </summary>
    /// <param name="values">The data of the sources, in their order.</param>
    public V1Secret Build(App app, IEnumerable<IReadOnlyDictionary<string, byte[]>> values)
    {
        var labels = ChildLabels.OfApp(app);
        labels[Labels.Release] = Release.Number.ToString(CultureInfo.InvariantCulture);
        var data = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in values.SelectMany(source => source))
        {
            data[name] = value;
        }

        return new()
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Type = "Opaque",
            Immutable = true,
            Metadata = new()
            {
                Name = Name,
                NamespaceProperty = app.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string>(1) { [Annotations.ReleaseHash] = Release.Hash },
                OwnerReferences = [Owners.ReferenceTo(app)],
            },
            Data = data,
        };
    }
}
