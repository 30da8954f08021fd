namespace DevCluster.ApiServer.Storage;

/// <summary>
/// One entry of the store's history. <paramref name="Previous"/> is null for <see cref="ChangeType.Added"/>.
/// </summary>
public sealed record ObjectChange(ChangeType Type, StoredObject Object, StoredObject? Previous);
