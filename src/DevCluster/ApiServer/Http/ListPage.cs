using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Http;

/// <summary>One page of a list.</summary>
internal sealed record ListPage(
    List<StoredObject> Objects, long Revision, string? Continue, int Remaining, bool CountsRemaining);
