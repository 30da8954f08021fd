namespace Dynospace.Runtime.Caching;

/// <summary>An informer and the store it fills.</summary>
public interface IInformer<T> : IInformer
    where T : class
{
    /// <summary>What is known.</summary>
    IStore<T> Store { get; }

    /// <summary>
    /// Adds a handler, before the informer runs. It is called for every change, in order, one at a time, after the store knows; it must be
    /// quick, for the watch waits. Changes include those that a new list finds, deletions above all.
    /// </summary>
    void AddHandler(Action<ObjectChange<T>> handler);

    /// <summary>Adds a handler, before the informer runs. It is called when an optional kind comes or goes.</summary>
    void AddServedHandler(Action handler);
}
