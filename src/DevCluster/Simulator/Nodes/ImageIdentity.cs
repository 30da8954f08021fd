using System.Security.Cryptography;
using System.Text;

namespace DevCluster.Simulator.Nodes;

/// <summary>The ids that a runtime would report, derived from names, so that they are stable.</summary>
internal static class ImageIdentity
{
    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The <c>imageID</c> of an image: its own digest if it was named by it.</summary>
    public static string Of(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return image;
        }

        var tag = image.LastIndexOf(':');
        var repository = tag > image.LastIndexOf('/') ? image[..tag] : image;
        return $"{repository}@sha256:{Digest(image)}";
    }
}
