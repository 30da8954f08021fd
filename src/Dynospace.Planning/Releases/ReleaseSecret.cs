using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using k8s.Models;

namespace Dynospace.Planning.Releases;

/// <summary>
/// A Secret that a release still needs: the values of the Secrets that its App names, as they are now, so that a
/// restart or a rollback later runs with what the release was made of. The values are not part of a plan; the code that
/// carries it out reads them.
/// </summary>
/// <param name="Release">The release.</param>
/// <param name="Name">The name of the Secret.</param>
/// <param name="Sources">The named Secrets in the order in which later ones win, each with the digest that its values
/// must have.</param>
public sealed record ReleaseSecret(ReleaseRecord Release, string Name, IReadOnlyList<SecretDigest> Sources)
{
    /// <summary>
    /// How many bytes of values one Secret takes. The API server's limit is 1 MiB for names and values together.
    /// </summary>
    internal const int MaxSize = 1_000_000;

    /// <summary>
    /// The Secret, immutable and in the App's namespace, where the same people may read it who may read the originals.
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
